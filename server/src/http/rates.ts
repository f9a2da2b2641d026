import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Bindings } from "./binding.ts";
import { Problem } from "./problems.ts";

/**
 * Guesses of a secret: five a minute from one address, then wait; loopback counts too, since any page in any browser
 * on this machine can knock there. A right one forgets the wrong ones.
 */
export class Guesses {
  readonly #limiter = new RateLimiterMemory({ points: 5, duration: 60, blockDuration: 60 });

  async count(env: Bindings): Promise<void> {
    if (env.via === "socket") return;
    try {
      await this.#limiter.consume(addressOf(env));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const seconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
      throw new Problem("too-many", `Too many tries. Wait ${seconds} seconds and try again.`, {
        headers: { "retry-after": String(seconds) },
      });
    }
  }

  async forgive(env: Bindings): Promise<void> {
    if (env.via === "tcp") await this.#limiter.delete(addressOf(env));
  }
}

function addressOf(env: Bindings): string {
  const address = env.incoming?.socket.remoteAddress ?? "unknown";
  return /^(?:::ffff:)?127\.|^::1$/.test(address) ? "loopback" : address;
}
