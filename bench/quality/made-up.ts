/** Words that are none in any language: letters struck at random, codes, and some that could be a word. */
export const MADE_UP: readonly string[] = [
  ...[
    "xqzzyv blorf",
    "asdfghjkl",
    "qwrtzp",
    "zzxxyy vvbbnn",
    "flurb grombix",
    "blorptastic wuggles",
    "jkjkjk",
    "mxyzptlk",
  ],
  ...[
    "xqzzyv",
    "gnarfle the garthok",
    "hjklöä",
    "пщыврл",
    "9f8a7c6e5d",
    "ksdjfh skdjfh ksjdhf",
    "vroomfondel majikthise",
  ],
  ...["xkcd zorp", "blubberbax", "snorfle", "qqqq wwww", "trelb", "zibble frotz", "nnnnmmm"],
];
