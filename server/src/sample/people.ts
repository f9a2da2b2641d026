/** Who lives in the sample's world. Every address ends in `.example`: none of them can exist. */
export interface SamplePerson {
  readonly name: string;
  readonly address: string;
}

const PEOPLE = {
  nora: { name: "Nora Lindqvist", address: "nora@lindqvist.example" },
  tiago: { name: "Tiago Moreira", address: "tiago.moreira@ondasom.example" },
  birgitta: { name: "Birgitta Lindqvist", address: "birgitta.lindqvist@brevlada.example" },
  erik: { name: "Erik Lindqvist", address: "erik@lindqvistbygg.example" },
  ana: { name: "Ana Moreira", address: "ana.moreira@ribeira.example" },
  keller: { name: "Ana Keller", address: "ana.keller@bergblick-verlag.example" },
  duarte: { name: "Ana Duarte", address: "ana.duarte@letras-lisboa.example" },
  halvorsen: { name: "Jonas Halvorsen", address: "jonas.halvorsen@nordlys-media.example" },
  roth: { name: "Stefan Roth", address: "s.roth@corvis-medtech.example" },
  dubois: { name: "Claire Dubois", address: "c.dubois@museelumen.example" },
  ammann: { name: "Regula Ammann", address: "r.ammann@sonnhalde-immo.example" },
  zumstein: { name: "Bruno Zumstein", address: "bruno.zumstein@bluemail.example" },
  hofer: { name: "Marco Hofer", address: "info@sanitaer-hofer.example" },
  dentist: { name: "Praxis Dr. Céline Favre", address: "praxis@zahnarzt-favre.example" },
  vet: { name: "Kleintierpraxis Wolfbach", address: "empfang@wolfbach-vet.example" },
  shelter: { name: "Tierheim Pfotenhof", address: "adoption@pfotenhof.example" },
  lea: { name: "Lea Baumann", address: "lea.baumann@studi.example" },
  wyss: { name: "Daniel Wyss", address: "daniel@treuhand-wyss.example" },
  alpina: { name: "Alpina Versicherung", address: "service@alpina-versicherung.example" },
  salvia: { name: "Salvia Krankenkasse", address: "kundendienst@salvia-kasse.example" },
  alva: { name: "Alva Air", address: "bookings@alva-air.example" },
  nordwind: { name: "Nordwind Airlines", address: "noreply@nordwind.example" },
  rail: { name: "Gotthard Rail", address: "tickets@gotthard-rail.example" },
  velo: { name: "Velo Kreis Fünf", address: "laden@velo-kreis5.example" },
  taiga: { name: "Taiga Computer", address: "orders@taiga-computer.example" },
  limmatbank: { name: "Limmatbank", address: "meldung@limmatbank.example" },
  werkhof: { name: "Werkhof 9", address: "hallo@werkhof9.example" },
  choir: { name: "Katrin Vogel", address: "katrin.vogel@kammerchor-seefeld.example" },
  mette: { name: "Mette Sørensen", address: "mette@sorensen-oversaettelse.example" },
  priya: { name: "Priya Raman", address: "priya.raman@quillmail.example" },
  school: { name: "Escola Azul", address: "secretaria@escola-azul.example" },
  conference: { name: "Northern Words Conference", address: "registration@northernwords.example" },
} as const satisfies Record<string, SamplePerson>;

export type PersonKey = keyof typeof PEOPLE;

/** By key, or from `Name <address>`. */
export function personOf(who: string): SamplePerson {
  if (isKey(who)) return PEOPLE[who];
  const found = /^(.*?)\s*<([^>]+)>$/.exec(who);
  if (!found) throw new Error(`The sample knows nobody called "${who}"; add them to people.ts.`);
  return { name: found[1] ?? "", address: found[2] ?? "" };
}

function isKey(who: string): who is PersonKey {
  return Object.hasOwn(PEOPLE, who);
}
