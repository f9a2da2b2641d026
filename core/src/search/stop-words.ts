/**
 * Words that carry no content of a question. They are left out of a query that has any other word; in passages they
 * are indexed, so that phrases made of them are found. By language; English for everybody.
 */
const WORDS: Readonly<Record<string, string>> = {
  en: "a about all also am an and any are as at be been but by can could did do does doing for from get got had has have he her his how i if in into is it its me my of on or our she should so some than that the their them then there these they this those to too was we were what when where which who whom whose why will with would you your please tell show find give much many now",
  de: "aber als am an auch auf aus bei bin bis das dass dem den der des die ein eine einem einen einer es fur hat hatte ich ihr im in ist ja mein mit nach nicht noch nur oder sein sich sie sind so um und uns von vor war was wann warum wer wie wir wird wo zu zum zur welche welcher welches wieviel viel viele wurde wurden habe haben kann wohin woher",
  fr: "au aux avec ce ces cette dans de des du elle en est et il ils je la le les leur lui ma mais mes mon ne nos notre nous on ou par pas pour qu que qui quand quel quelle sa se ses son sur ta te tes toi ton tu un une vos votre vous",
  es: "al con cual cuando de del donde el ella en es ese esta este fue la las le lo los mas me mi no nos o para pero por que quien se si su sus un una y ya yo",
  it: "al alla anche che chi come con da dal del della di dove e gli ha i il in io la le lo ma mi nel non per quale quando questo se si sono su un una",
  pt: "ao aos as com como da das de do dos e ela ele em eu foi mais mas me meu minha na nas no nos o os ou para pela pelo por qual quando que quem se seu sua um uma",
  nl: "aan als bij dan dat de der des die dit door een en er haar heb het hij hoe ik in is je maar me met mijn niet of om ook op over te tot uit van voor waar was wat we wie wij zijn",
};

const sets = new Map<string, ReadonlySet<string>>();

/** `word` is folded. */
export function isStopWord(word: string, languages: readonly string[]): boolean {
  return languages.some((language) => {
    let set = sets.get(language);
    if (!set) {
      set = new Set((WORDS[language] ?? "").split(" "));
      sets.set(language, set);
    }
    return set.has(word);
  });
}
