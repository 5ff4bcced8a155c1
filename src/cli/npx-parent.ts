import { readFileSync } from 'node:fs'

/** How often the ancestors are looked at. */
const LOOK_EVERY_MS = 250

/**
 * npx starts us through a shell and passes no signal on: when it is killed, we would serve on with
 * nobody to stop us. Calls back once when the process that started npx's shell has gone.
 * Returns a function that stops watching. Outside npx nothing is watched.
 */
export function whenNpxDies(
  env: Readonly<Record<string, string | undefined>>,
  callback: () => void,
): () => void {
  if (env.npm_lifecycle_event !== 'npx') return () => {}
  const shell = process.ppid
  const npx = parentOf(shell)
  const timer = setInterval(() => {
    if (process.ppid === shell && parentOf(shell) === npx) return
    clearInterval(timer)
    callback()
  }, LOOK_EVERY_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** The parent of a process, by proc_pid_stat(5); undefined where /proc does not tell. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name, in parentheses, may contain anything: the fields count from its end.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}
