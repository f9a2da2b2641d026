/**
 * Lambda's Node 24 has no Temporal: it is brought along. The bundle loads it when it is first asked for, and never where
 * Node has its own (`bundle.ts`).
 */
import "temporal-polyfill/global";
