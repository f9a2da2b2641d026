export { messageIdOf } from "@steward/server/sample/mail.ts";
