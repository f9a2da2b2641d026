import type { Connector } from "@steward/core/intake/connector.ts";
import type { Source } from "@steward/core/item.ts";
import type { Bytes } from "./bytes.ts";
import { pathConnector } from "./path.ts";
import { uploadConnector } from "./upload.ts";

export interface ConnectorsDeps {
  /** Where the sample archive lies. */
  readonly sampleFolder: string;
  /** The plain bytes of an upload's sealed blob, by ranges. */
  readonly openUpload: (source: Source) => Promise<Bytes>;
}

/** Every connector, by the kind of source it pulls. A new kind is a new file and a line here. */
export function openConnectors(deps: ConnectorsDeps): Readonly<Record<Source["kind"], Connector>> {
  return {
    path: pathConnector(),
    upload: uploadConnector({ open: deps.openUpload }),
    sample: pathConnector({ kind: "sample", folder: deps.sampleFolder }),
  };
}
