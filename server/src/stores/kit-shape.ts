import { z } from "zod";

/** The kit as it is stored, wherever that is: in a file of the home, with a backup, or in Parameter Store. */
const wrappedDomainKeys = z
  .array(z.strictObject({ generation: z.int().min(1), key: z.base64(), hmac: z.base64(), madeAt: z.number() }))
  .readonly();

export const KitShape = z.strictObject({
  version: z.literal(1),
  tenant: z.string().regex(/^[0-9a-f]{32}$/),
  domains: z.strictObject({
    private: wrappedDomainKeys,
    published: wrappedDomainKeys,
    visitor: wrappedDomainKeys,
    hands: wrappedDomainKeys,
    index: wrappedDomainKeys,
  }),
});
