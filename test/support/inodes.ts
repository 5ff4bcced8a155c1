import { readdirSync, readlinkSync } from 'node:fs'

/** The inodes of the sockets that a process holds. */
export function inodesOf(pid: number): Set<number> {
  const folder = `/proc/${pid}/fd`
  return new Set(
    readdirSync(folder).flatMap(fd => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(tryToRead(`${folder}/${fd}`)) ?? []
      return inode === undefined ? [] : [Number(inode)]
    }),
  )
}

/** The one by which the folder is read is closed by now. */
function tryToRead(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
