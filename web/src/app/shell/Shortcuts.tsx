import { Dialog } from "../parts/Dialog.tsx";

const KEYS: readonly (readonly [string, string])[] = [
  ["⌘ K or Ctrl K", "Find anything"],
  ["n", "New conversation"],
  ["/", "To the question or the search box; else find anything"],
  ["g then c, l, m, a, s", "To Chat, Library, Memory, Agenda, Settings"],
  ["Enter", "Ask; Shift Enter for a new line"],
  ["Esc", "Stop the answer; close what is open"],
  ["↑ ↓", "Through results; Enter opens"],
  ["?", "This list"],
];

export default function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title="Keyboard">
      <dl className="grid grid-cols-[auto_1fr] items-baseline gap-x-5 gap-y-2.5 text-sm">
        {KEYS.map(([keys, does]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd className="keys">{keys}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
