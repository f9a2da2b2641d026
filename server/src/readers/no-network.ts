/**
 * Closes the network inside a reader process where Node's permission model does not: before Node 25 (Lambda runs 24) it
 * knows no permission for it. Imported before anything else. Whatever opens a socket or asks for a name ends in one of a
 * few functions; each is replaced for good by one that refuses, and nothing keeps the original.
 *
 * This is a wall inside the process, and so a lesser one: it holds against a parser that was led astray, which is JavaScript
 * without `eval`, addons, workers or children. Under Node 25 and later this does nothing.
 */
import dgram from "node:dgram";
import dns from "node:dns";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

class Denied extends Error {
  readonly code = "ERR_ACCESS_DENIED";
}

function deny(): never {
  throw new Denied("A reader has no network.");
}

function close(target: object, names: readonly string[]): void {
  for (const name of names) {
    if (name in target) Object.defineProperty(target, name, { value: deny, writable: false, configurable: false });
  }
}

if (Number(process.versions.node.split(".")[0]) < 25) {
  close(net.Socket.prototype, ["connect"]);
  close(net.Server.prototype, ["listen", "_listen2"]);
  close(net, ["_createServerHandle"]);
  close(dgram.Socket.prototype, ["bind", "connect", "send", "sendto", "addMembership", "addSourceSpecificMembership"]);
  close(dgram, ["_createSocketHandle"]);
  const questions = (holder: object) =>
    Object.getOwnPropertyNames(holder).filter((name) => /^(?:lookup|resolve|reverse|setServers)/.test(name));
  for (const holder of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (let at: object | null = holder; at && at !== Object.prototype; at = Object.getPrototypeOf(at))
      close(at, questions(at));
  }
  close(process, ["binding", "_linkedBinding"]);
  close(globalThis, ["fetch", "WebSocket", "EventSource"]);
  syncBuiltinESMExports();
}
