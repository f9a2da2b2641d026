import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * `npm run kernel`: compiles core/src/search/kernel/kernel.as into module.ts beside it. The same compiler makes the same
 * bytes everywhere: a test builds them again and compares.
 */
const folder = join(import.meta.dirname, "../core/src/search/kernel");

/** What is used of the compiler (assemblyscript/dist/asc.d.ts). */
interface Compiler {
  main(
    options: readonly string[],
    files: {
      readFile(name: string): string | null;
      writeFile(name: string, contents: string | Uint8Array): void;
      listFiles(): string[];
    },
  ): Promise<{ error: Error | null; stderr: { toString(): string } }>;
}

/** The bytes of the module, or undefined where the compiler, a development tool, is not installed. */
export async function buildKernel(): Promise<Uint8Array | undefined> {
  // Named by a value: the compiler's own declarations would put AssemblyScript's globals into every file's types.
  const name: string = "assemblyscript/asc";
  const asc: Compiler | undefined = await import(name).catch(() => undefined);
  if (!asc) return undefined;
  // The source has a name that no other tool takes for TypeScript; the compiler is told otherwise.
  const files = new Map([["kernel.ts", readFileSync(join(folder, "kernel.as"), "utf8")]]);
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      ...["kernel.ts", "--outFile", "kernel.wasm", "-O3", "--noAssert", "--runtime", "stub", "--use", "abort="],
      ...["--enable", "simd", "--importMemory", "--initialMemory", "1", "--maximumMemory", "65536"],
    ],
    {
      readFile: (name) => files.get(name) ?? null,
      writeFile: (name, contents) => {
        if (name === "kernel.wasm" && typeof contents !== "string") binary = contents;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(`The kernel does not compile:\n${stderr.toString()}`, { cause: error });
  return binary;
}

/** What module.ts says. */
export function moduleSource(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("base64");
  const lines = text.match(/.{1,110}/g) ?? [];
  return [
    "/** Made from kernel.as by `npm run kernel`; not edited by hand. The core reads no file, so it lies here as base64. */",
    "export const KERNEL_MODULE =",
    ...lines.map((line, i) => `  "${line}"${i === lines.length - 1 ? ";" : " +"}`),
    "",
  ].join("\n");
}

if (process.argv[1] === import.meta.filename) {
  const bytes = await buildKernel();
  if (!bytes) throw new Error("assemblyscript is not installed: run `npm ci` with the development tools first.");
  writeFileSync(join(folder, "module.ts"), moduleSource(bytes));
  console.log(`core/src/search/kernel/module.ts: ${bytes.length} bytes of WebAssembly`);
}
