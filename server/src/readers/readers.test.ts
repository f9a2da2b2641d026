import { testReader } from "@steward/core/testing/reader-contract.ts";
import { openReaders } from "./index.ts";

const saying = (text: string) => ({ name: "note.txt", bytes: Buffer.from(text) });

testReader("one sandboxed process", () => openReaders({ processes: 1 }), saying);
testReader("several sandboxed processes", () => openReaders({ processes: 2 }), saying);
