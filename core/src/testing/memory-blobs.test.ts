import { testBlobs } from "./blobs-contract.ts";
import { MemoryBlobs } from "./memory-blobs.ts";

testBlobs("in memory", async () => ({ blobs: new MemoryBlobs(), close: async () => {} }));
