import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Interface } from 'ethers';

/** A compiled contract of `@livepeer/sdk`: its interface and its creation code, to be linked. */
export interface Artifact {
  readonly name: string;
  readonly abi: Interface;
  /** Creation code with the addresses of libraries filled in, by library name. */
  link(libraries?: Readonly<Record<string, string>>): string;
}

interface ArtifactFile {
  readonly contractName: string;
  readonly abi: ConstructorParameters<typeof Interface>[0];
  readonly bytecode: string;
  readonly linkReferences: Readonly<
    Record<string, Readonly<Record<string, readonly { start: number; length: number }[]>>>
  >;
}

const folder = join(
  dirname(createRequire(import.meta.url).resolve('@livepeer/sdk/package.json')),
  'abis/contracts',
);

/** Reads an artifact by its path below `abis/contracts`, for example `pm/TicketBroker`. */
export function readArtifact(path: string): Artifact {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const file = JSON.parse(readFileSync(join(folder, `${path}.sol`, `${name}.json`), 'utf8')) as ArtifactFile;
  return {
    name,
    abi: new Interface(file.abi),
    link(libraries = {}) {
      let code = file.bytecode;
      for (const references of Object.values(file.linkReferences)) {
        for (const [library, places] of Object.entries(references)) {
          const address = libraries[library];
          if (address === undefined) throw new Error(`${name} needs the library ${library}`);
          for (const { start, length } of places) {
            const from = 2 + 2 * start;
            code = code.slice(0, from) + address.slice(2).toLowerCase() + code.slice(from + 2 * length);
          }
        }
      }
      return code;
    },
  };
}
