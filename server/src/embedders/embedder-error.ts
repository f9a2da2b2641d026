/** An embedder that cannot be opened or does not answer; the message tells the owner what to do next. */
export class EmbedderError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EmbedderError";
  }
}
