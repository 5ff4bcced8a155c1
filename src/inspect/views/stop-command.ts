import type { EngineContainer } from '../owners/container/engine.ts'
import type { StandIn } from '../owners/container/stand-in.ts'
import { shellWord } from './shell-word.ts'

/** Which engine keeps the containers for which a process stands in; Docker where it does not tell. */
export function engineOf(standIn: StandIn | undefined): 'docker' | 'podman' {
  const isPodman =
    standIn?.kind === 'conmon' ||
    (standIn?.kind === 'rootless-network' && standIn.program !== 'rootlesskit')
  return isPodman ? 'podman' : 'docker'
}

/** What to type to stop a container: by its service, where Compose keeps it. */
export function stopCommand(
  { name, compose }: Pick<EngineContainer, 'name' | 'compose'>,
  engine: ReturnType<typeof engineOf>,
): string {
  return compose === undefined
    ? `${engine} stop ${shellWord(name)}`
    : `${engine} compose -p ${shellWord(compose.project)} stop ${shellWord(compose.service)}`
}
