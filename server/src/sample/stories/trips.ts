import type { Mail } from "../mail.ts";

/** Journeys: Porto in spring, Uppsala at Christmas, Leipzig for the book fair, Edinburgh that never was, the wedding in Sintra. */
export const TRIPS: readonly Mail[] = [
  {
    id: "porto-flight",
    at: "2024-02-11 20:17",
    from: "alva",
    subject: "Your booking QX7LPD is confirmed",
    form: "html",
    body: `Thank you for flying Alva Air.

Your booking code is QX7LPD.

Outbound | Friday 12 April 2024 | AV 2418 | Zürich 07:10 – Porto 08:55 | seats 14A, 14B
Return | Wednesday 17 April 2024 | AV 2421 | Porto 19:35 – Zürich 23:15 | seats 9C, 9D
Passengers | Nora Lindqvist, Tiago Moreira | | |

Total price: CHF 396.80, paid by card. One cabin bag per person is included.`,
    attach: ["documents/ticket-alva-QX7LPD.pdf"],
  },
  {
    id: "porto-hotel",
    at: "2024-02-12 11:40",
    from: "Pensão Marisol <reservas@pensao-marisol.example>",
    subject: "Reserva confirmada – 12 a 17 de abril",
    language: "pt",
    charset: "utf-8-base64",
    body: `Cara Nora Lindqvist,

Confirmamos a sua reserva na Pensão Marisol, Rua das Oliveiras 41, Porto: quarto duplo com varanda, de 12 a 17 de abril de 2024 (5 noites), 84 € por noite, pequeno-almoço incluído.

O check-in é a partir das 14h00. Pagamento à chegada.

Com os melhores cumprimentos,
Helena Prata`,
  },
  {
    id: "porto-ana",
    at: "2024-03-30 22:05",
    from: "ana",
    to: "nora, tiago",
    subject: "Porto!!",
    language: "pt",
    body: `Queridos,

no sábado 13 de abril jantamos no Tasca do Leme às 20h30, já reservei mesa para seis em meu nome. A mãe leva a aletria.

Quem vos vai buscar ao aeroporto é o Rui, tem um carro azul. O meu número continua o mesmo: +351 91 555 0364.

Beijinhos,
Ana`,
  },
  {
    id: "porto-lost",
    at: "2024-04-19 09:22",
    from: "Pensão Marisol <reservas@pensao-marisol.example>",
    subject: "Objeto esquecido no quarto 8",
    language: "pt",
    body: `Cara Nora,

encontrámos no quarto 8 um casaco de lã verde e um carregador. Podemos enviá-los para Zürich por 18 €. Diga-nos, por favor.

Helena Prata
Pensão Marisol`,
  },
  {
    id: "xmas-flight",
    at: "2024-09-29 16:50",
    from: "nordwind",
    subject: "Booking confirmation K4TZ9M – Zürich to Stockholm",
    form: "both",
    body: `Hello Nora,

your reservation K4TZ9M with Nordwind Airlines is confirmed.

Sat 21 Dec 2024 | NW 631 | Zürich 11:25 | Stockholm 13:50
Sun 29 Dec 2024 | NW 634 | Stockholm 18:10 | Zürich 20:40

Travellers: Nora Lindqvist, Tiago Moreira
Fare: CHF 538.00 for two, checked bag included

Online check-in opens 24 hours before departure.`,
  },
  {
    id: "xmas-delay",
    at: "2024-12-19 13:02",
    from: "nordwind",
    subject: "Schedule change for K4TZ9M",
    form: "html",
    body: `Dear customer,

the departure time of your flight NW 631 on Saturday 21 December 2024 has changed. New departure from Zürich: 12:55 (was 11:25). New arrival in Stockholm: 15:20.

Your return flight NW 634 is not affected. You do not need to do anything.`,
  },
  {
    id: "xmas-mum",
    at: "2024-12-19 18:44",
    from: "birgitta",
    subject: "Jul",
    language: "sv",
    charset: "windows-1252",
    body: `Hej gumman!

Erik hämtar er på Arlanda på lördag, skriv när ni har landat. Sanna gör lutfisk för pappa, resten av oss äter skinka. Ta med schweizisk choklad till Elsa – hon har två tänder nu!

Kram
Mamma`,
  },
  {
    id: "leipzig-hotel",
    at: "2025-01-14 12:12",
    from: "Haus Lindenau <rezeption@haus-lindenau.example>",
    subject: "Ihre Reservierung 55820 – Leipziger Buchtage",
    language: "de",
    body: `Sehr geehrte Frau Lindqvist,

wir freuen uns auf Sie vom 26. bis 30. März 2025 (4 Nächte, Einzelzimmer, EUR 119,00 pro Nacht, Frühstück inbegriffen). Ihre Reservierungsnummer lautet 55820. Kostenfreie Stornierung bis 19. März.

Haus Lindenau, Merseburger Gasse 7, Leipzig`,
  },
  {
    id: "leipzig-train",
    at: "2025-01-20 08:30",
    from: "rail",
    subject: "Your tickets Zürich – Leipzig, order 7719-440-2",
    form: "html",
    body: `Thank you for your order 7719-440-2.

Wednesday 26 March 2025 | Zürich HB 08:00 – Leipzig Hbf 15:31 | coach 7, seat 42 (window)
Sunday 30 March 2025 | Leipzig Hbf 12:28 – Zürich HB 20:05 | coach 11, seat 63 (aisle)

Price with half-fare card: CHF 148.40. The tickets are attached as PDF.`,
    attach: ["documents/tickets-gotthard-rail-leipzig.pdf"],
  },
  {
    id: "leipzig-panel",
    at: "2025-02-18 15:27",
    from: "keller",
    subject: "Podium in Leipzig",
    body: `Dear Nora,

the panel "Whose voice is it?" is on Friday 28 March 2025 at 16:00 in the Glashalle, stage 3. With you: Mette Sørensen and the author, Paul Wendland. It lasts 45 minutes, the fee is EUR 250.

Dinner afterwards at 19:30, I have booked at the Alte Druckerei.

Best
Ana Keller
Bergblick Verlag`,
  },
  {
    id: "edinburgh-conf",
    at: "2025-02-03 10:00",
    from: "conference",
    subject: "You are registered: Northern Words 2025, Edinburgh",
    form: "html",
    body: `Dear Nora Lindqvist,

welcome to the Northern Words Conference, Edinburgh, 22–24 May 2025. Your registration number is NW25-0931. Conference fee: GBP 185.00, received with thanks.

We will send the programme in April.`,
  },
  {
    id: "edinburgh-flight",
    at: "2025-02-05 21:19",
    from: "alva",
    subject: "Your booking R8WD2C is confirmed",
    form: "html",
    body: `Thank you for flying Alva Air.

Your booking code is R8WD2C.

Outbound | Wednesday 21 May 2025 | AV 3302 | Zürich 13:15 – Edinburgh 14:40 | seat 21F
Return | Sunday 25 May 2025 | AV 3305 | Edinburgh 15:30 – Zürich 18:50 | seat 6A
Passenger | Nora Lindqvist | | |

Total price: CHF 312.40, flexible fare, paid by card.`,
  },
  {
    id: "edinburgh-off",
    at: "2025-04-08 17:33",
    from: "conference",
    subject: "Northern Words 2025 is cancelled",
    form: "both",
    body: `Dear participants,

with great regret we have to cancel the Northern Words Conference 2025: the venue has to close for urgent repairs to its roof. All conference fees will be refunded in full within 30 days. The next conference will take place in 2026.

Moira Finlay, for the committee`,
  },
  {
    id: "edinburgh-tiago",
    at: "2025-04-08 19:01",
    from: "nora",
    to: "tiago",
    subject: "no Edinburgh",
    body: `The conference is off, the roof of the hall is broken. So I stay at home in May and cancelled the flight just now. Shall we do the Greina hike that weekend instead?

N`,
  },
  {
    id: "edinburgh-refund",
    at: "2025-04-11 06:12",
    from: "alva",
    subject: "Refund for booking R8WD2C",
    form: "html",
    body: `Dear Ms Lindqvist,

we have cancelled your booking R8WD2C as you asked. CHF 312.40 will be credited to your card within 10 working days.

Alva Air customer service`,
  },
  {
    id: "wedding-invite",
    at: "2025-01-26 12:00",
    from: "ana",
    to: "nora, tiago, birgitta",
    subject: "Vamos casar!",
    language: "pt",
    charset: "utf-8-base64",
    body: `Queridos,

o Rui e eu casamos no dia 20 de setembro de 2025, às 15h00, na Quinta do Pinhal em Sintra. Guardem a data!

Nora, queres ler um poema na cerimónia? Em sueco, se quiseres. Ninguém vai perceber e toda a gente vai chorar.

Ana Moreira & Rui Carvalho`,
  },
  {
    id: "wedding-poem",
    at: "2025-01-26 21:14",
    from: "nora",
    to: "ana",
    cc: "tiago",
    re: "wedding-invite",
    body: `Dearest Ana, congratulations to both of you!! Of course I will read. I am thinking of something by Karin Boye, "Ja visst gör det ont", and I will make a Portuguese version for the booklet.

Nora`,
  },
  {
    id: "wedding-flight",
    at: "2025-05-02 22:41",
    from: "alva",
    subject: "Your booking H3NV6T is confirmed",
    form: "html",
    body: `Thank you for flying Alva Air.

Your booking code is H3NV6T.

Outbound | Thursday 18 September 2025 | AV 2506 | Zürich 12:20 – Lisbon 14:15 | seats 17D, 17E
Return | Tuesday 23 September 2025 | AV 2509 | Lisbon 17:05 – Zürich 20:50 | seats 11A, 11B
Passengers | Nora Lindqvist, Tiago Moreira | | |

Total price: CHF 451.60, paid by card.`,
  },
  {
    id: "wedding-hotel",
    at: "2025-05-03 10:02",
    from: "Casa das Hortênsias <ola@casa-hortensias.example>",
    subject: "Booking Casa das Hortênsias, Sintra",
    body: `Dear Nora and Tiago,

your room is reserved from 18 to 23 September 2025, five nights at EUR 112 a night. We ask for a deposit of EUR 150, which you can transfer to the account in our first mail; the rest is paid on departure.

Breakfast is served until 11. Parking is free.

Inês`,
  },
  {
    id: "wedding-deposit",
    at: "2025-05-05 18:20",
    from: "Casa das Hortênsias <ola@casa-hortensias.example>",
    subject: "Deposit received",
    body: `Dear Nora,

your deposit of EUR 150 arrived today, thank you. See you in September!

Inês`,
  },
  {
    id: "wedding-gift",
    at: "2025-08-30 11:18",
    from: "tiago",
    subject: "present for Ana and Rui",
    body: `I talked to my mother: everybody puts together for the record player they want. Our share is 120 euros, I sent it to my cousin Marta already. You only have to write the card :)

T`,
  },
  {
    id: "greina",
    at: "2025-04-14 20:09",
    from: "tiago",
    subject: "Greina hut",
    body: `Booked: Terrihütte, night of Friday 23 May 2025, two places, half board CHF 71 each. We take the 6:12 train. If there is still too much snow they refund us.

T`,
  },
];
