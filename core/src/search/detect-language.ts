import { fold } from "./fold.ts";
import { WordTable } from "./word-table.ts";

/**
 * The language of a text by its function words: the ones that no text of some length does without. A word that several
 * languages have counts for each of them, and the less the more of them have it. On mail and documents this decides as
 * well as n-gram models of several megabytes, in microseconds; it says nothing rather than guess on little.
 */
const FUNCTION_WORDS: Readonly<Record<string, string>> = {
  da: "og i jeg det at en den til er som pa de med han af for ikke der var mig sig men et har om vi min havde ham hun nu over da fra du ud sin dem os op man hans hvor eller hvad skal selv her alle vil blev kunne ind nar vaere dog noget ville jo deres efter ned skulle denne end dette mit ogsa under have dig anden hende mine alt meget sit sine vor mod disse hvis din nogle hos blive mange ad bliver hendes vaeret thi jer hej fik gor sagde ogsa meget tak hilsen",
  de: "der die und in den von zu das mit sich des auf fur ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem uber einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde wenn ich wir ihr mich mir uns euch ihre ihnen bitte kann diese dieser unser schon sehr gern freundliche grusse",
  en: "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were her all she there would their we him been has when who will more no if out so what up its about into than them can only other new some could time these two may then do first any my now such like our over me even most made after also did many before must through your please thank thanks kind regards",
  es: "de la que el en y a los del se las por un para con no una su al lo como mas pero sus le ya o este si porque esta entre cuando muy sin sobre tambien me hasta hay donde quien desde todo nos durante todos uno les ni contra otros ese eso ante ellos e esto mi antes algunos que unos yo otro otras otra el tanto esa estos mucho quienes nada muchos gracias hola saludos",
  fi: "ja on ei se han etta oli mutta niin kun mina sina kuin myos joka jos olen ovat nyt vain tai sen hanen kanssa ole olla jo tama siita mita mika me te he ne minun sinun hyva kiitos terveisin viela sitten ennen kaikki ollut voi pitaa",
  fr: "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont je avec son nous vous mais comme ou si leur y dont elle deux ces cette ont ses etre fait aux on tout sans bien aussi mon votre notre etait peut lui meme merci bonjour cordialement",
  hu: "a az es hogy nem is egy ez meg de csak mar ha vagy mint el en van volt ki meg lehet kell azt itt most igen ezt mi te ti ok koszonom udvozlettel szerint utan majd minden nagyon vagyok lesz",
  it: "di e il la che in un a per non una sono del si da con le i al come dei su nel alla ma gli anche della piu o se ha ho io lo mi delle questo era nella ci tutto essere molto fatto quando dove cosa grazie ciao saluti cordiali perche sua suo",
  nl: "de en van ik te dat die in een hij het niet zijn is was op aan met als voor had er maar om hem dan zou of wat mijn men dit zo door over ze zich bij ook tot je mij uit der daar haar naar heb hoe heeft hebben deze u want nog zal me zij nu ge geen omdat iets worden toch al waren veel meer doen toen moet ben zonder kan hun dus alles onder ja eens hier wie werd altijd graag bedankt groeten",
  no: "og i jeg det at en et den til er som pa de med han av ikke der sa var meg seg men har om vi min mitt ha hadde hun na over da ved fra du ut sin dem oss opp man kan hans hvor eller hva skal selv her alle vil bli ble blitt kunne inn nar vaere kom noen noe ville dere deres kun ja etter ned skulle denne for deg si sine sitt mot a meget hvorfor dette disse uten hvordan ingen din ditt blir samme hvilken takk hilsen hei enna fatt fikk gjore vaert blitt sier ogsa mye",
  pt: "de a o que e do da em um para com nao uma os no se na por mais as dos como mas ao ele das tem seu sua ou quando muito nos ja eu tambem so pelo pela ate isso ela entre depois sem mesmo aos seus quem nas me esse eles voce essa num nem suas meu minha numa pelos elas qual lhe deles estou obrigado obrigada ola cumprimentos",
  ro: "si de la in a pe cu este nu care din un o ca sa se mai pentru au fost sunt dar daca ce acest aceasta lui ei fi am ai are sau dupa prin doar foarte multumesc buna unde cand cum toate noi voi eu el ea lor fara",
  sv: "och i att det som en pa ar av for med den till inte har de om ett han men var jag sig fran vi sa kan nar hon nu skulle da vid mot sina du under ha dem ut bara hur mycket efter kommer ska hade alla din mig dig oss er dar har vad allt nagon detta eller vara blir blev kunde tack hej halsningar mvh",
  tr: "ve bir bu da de icin ile cok ne o gibi daha ben sen biz siz var yok mi en kadar sonra olarak olan ama her ki bana sana onu benim senin ya iyi tesekkurler merhaba degil simdi nasil neden zaman onun",
};

/** About the first page; more says nothing new. */
const SAMPLE = 1_200;
/** Weighted hits that a guess needs, and by how much it must lead the next. */
const ENOUGH = 2;
const LEAD = 1.15;

const LANGUAGES = Object.keys(FUNCTION_WORDS);

/** By word: the languages that have it, by their place in `LANGUAGES`. */
let languagesByWord: WordTable<number[]> | undefined; // made by the first text: few processes read one

function tableOfWords(): WordTable<number[]> {
  const table = new WordTable<number[]>();
  for (const [language, words] of Object.values(FUNCTION_WORDS).entries()) {
    for (const word of new Set(words.split(" "))) {
      const others = table.get(word, 0, word.length);
      if (others) others.push(language);
      else table.add(word, [language]);
    }
  }
  return table;
}

/** ISO 639-1, or undefined when the text says too little: short, a list of names and numbers, a language not known. */
export function detectLanguage(text: string): string | undefined {
  const sample = text.slice(0, SAMPLE);
  const cyrillic = (sample.match(/\p{Script=Cyrillic}/gu) ?? []).length;
  if (cyrillic > 40 && cyrillic * 2 > (sample.match(/\p{L}/gu) ?? []).length) return "ru";
  const scores = scoresOf(fold(sample));
  const best = scores.indexOf(Math.max(...scores));
  const score = scores[best] ?? 0;
  const next = Math.max(...scores.filter((_, language) => language !== best));
  return score < ENOUGH || score < next * LEAD ? undefined : LANGUAGES[best];
}

/** By language: its function words in the text, each for as much as it tells. */
function scoresOf(folded: string): Float64Array {
  languagesByWord ??= tableOfWords();
  const scores = new Float64Array(LANGUAGES.length);
  for (let start = 0; start < folded.length; ) {
    let end = start;
    while (end < folded.length && isLetter(folded.charCodeAt(end))) end += 1;
    const languages = end > start ? languagesByWord.get(folded, start, end) : undefined;
    if (languages) for (const language of languages) scores[language] = (scores[language] ?? 0) + 1 / languages.length;
    start = end + 1;
  }
  return scores;
}

function isLetter(unit: number): boolean {
  return unit < 0x80 ? unit >= 0x61 && unit <= 0x7a : LETTER.test(String.fromCharCode(unit));
}

const LETTER = /\p{L}/u;
