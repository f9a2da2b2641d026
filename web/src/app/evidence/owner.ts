import type { Person } from "@steward/core/item.ts";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "../../client.ts";

/** Who the owner is among the people of a paper, and what each is called: the owner is "you". */
export interface Owner {
  readonly is: (person: Person) => boolean;
  readonly called: (person: Person) => string | undefined;
  /**
   * Names as they stand alone (in a thread), or as "name <address>, name <address>" (in a citation). A bare name is the owner's
   * when one of these people bears it and is the owner. The address of whoever has a name is left out.
   */
  readonly calledIn: (names: string, people: readonly Person[]) => string;
}

export function useOwner(): Owner {
  const settings = useQuery({ queryKey: ["settings"], queryFn: api.settings, staleTime: 600_000 });
  return useMemo(() => ownerOf(settings.data?.addresses ?? []), [settings.data]);
}

export function ownerOf(addresses: readonly string[]): Owner {
  const own = new Set(addresses.map((address) => address.toLowerCase()));
  const is = (person: Person): boolean =>
    person.role === "self" || (person.address !== undefined && own.has(person.address.toLowerCase()));
  const calledAlone = (name: string, people: readonly Person[]): string =>
    own.has(name.toLowerCase()) || people.some((person) => is(person) && person.name === name) ? "you" : name;
  return {
    is,
    called: (person) => (is(person) ? "you" : (person.name ?? person.address)),
    calledIn: (names, people) => {
      const addressed = names.replace(
        NAME_AND_ADDRESS,
        (_, comma: string, name: string, address: string) => comma + (own.has(address.toLowerCase()) ? "you" : name),
      );
      return addressed === names ? calledAlone(names, people) : addressed;
    },
  };
}

const NAME_AND_ADDRESS = /(^|, )([^<>]*?) <([^<>\s]+)>/g;

/** The address that most of these mails were sent to, when it got at least a third of them. */
export function likelyOwn(mails: readonly { readonly people: readonly Person[] }[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { people } of mails) {
    for (const { role, address } of people) {
      if (role === "to" && address) counts.set(address, (counts.get(address) ?? 0) + 1);
    }
  }
  const [first] = [...counts].sort((a, b) => b[1] - a[1]);
  return first && first[1] * 3 >= mails.length && first[1] >= 3 ? first[0] : undefined;
}
