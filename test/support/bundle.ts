import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { build } from 'esbuild'

export interface Bundle {
  /** A script that every user may read, to run as a process of its own. */
  readonly path: string
  remove(): void
}

/**
 * Makes one script of a TypeScript file and what it imports.
 *
 * @param options.hasPackages false: optional packages (koffi) are not installed where it stands
 */
export async function bundle(
  entry: string,
  { hasPackages }: { readonly hasPackages: boolean },
): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'sockctl-test-'))
  const path = join(folder, basename(entry).replace(/\.ts$/, '.mjs'))
  await build({
    entryPoints: [entry],
    outfile: path,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['koffi', 'systeminformation'],
  })
  if (hasPackages) symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  chmodSync(folder, 0o755)
  return { path, remove: () => rmSync(folder, { recursive: true }) }
}
