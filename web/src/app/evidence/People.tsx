import type { Person } from "@steward/core/item.ts";
import type { ItemView } from "@steward/core/wire.ts";
import { bytes, initials, longDate } from "../format.ts";
import { KINDS } from "../parts/kinds.ts";
import { useOwner } from "./owner.ts";

const ROLES: readonly (readonly [string, readonly Person["role"][]])[] = [
  ["From", ["from", "author", "organizer"]],
  ["To", ["to"]],
  ["Cc", ["cc", "bcc"]],
  ["With", ["attendee"]],
];

/** Who, whom, when and where from: the head of a mail, page or event. */
export function PaperHead({ item, disc = false }: { item: ItemView; disc?: boolean }) {
  const owner = useOwner();
  return (
    <dl className="grid grid-cols-[3.25rem_1fr] gap-y-1 text-sm">
      {ROLES.map(([word, roles]) => {
        const people = item.people.filter((person) => roles.includes(person.role));
        if (people.length === 0) return null;
        return (
          <Row key={word} word={word}>
            {word === "From" && disc && <Disc name={people[0]?.name ?? people[0]?.address ?? ""} />}
            {people.map((person, i) => (
              <span key={`${person.address}${person.name}`}>
                {i > 0 && ", "}
                <span className={word === "From" && disc ? "font-semibold" : ""}>{owner.called(person)}</span>
                {person.name && person.address && word === "From" && !owner.is(person) && (
                  <span className="text-ink-3"> {person.address}</span>
                )}
              </span>
            ))}
          </Row>
        );
      })}
      {item.date && (
        <Row word="Date">
          {item.ends
            ? `${longDate(item.date)} to ${item.ends.slice(0, 10) === item.date.slice(0, 10) ? item.ends.slice(11, 16) : longDate(item.ends)}`
            : longDate(item.date)}
        </Row>
      )}
      {item.kind !== "mail" && (
        <Row word="In">
          <span title={item.path}>{placeOf(item)}</span>
        </Row>
      )}
      {item.kind === "file" && (
        <Row word="File">
          {KINDS.file.one}, {bytes(item.size)}
          {item.pages ? `, ${item.pages} pages` : ""}
        </Row>
      )}
    </dl>
  );
}

/** The source, and the file in it that holds the item; the whole path for those who look. */
function placeOf(item: ItemView): string {
  const file = item.path?.split("!")[0]?.split("/").at(-1);
  return file && file !== item.source.name && file !== item.filename
    ? `${item.source.name}, ${file}`
    : item.source.name;
}

function Row({ word, children }: { word: string; children: React.ReactNode }) {
  return (
    <>
      <dt className="text-ink-3">{word}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}

function Disc({ name }: { name: string }) {
  return (
    <span
      aria-hidden="true"
      className="mr-2 inline-grid size-5 place-items-center rounded-full bg-accent-soft align-middle text-[0.5625rem] font-bold text-accent"
    >
      {initials(name)}
    </span>
  );
}
