import { basename } from 'node:path'

/**
 * A process that holds sockets for containers: to stop it is not what anybody wants.
 */
export type StandIn =
  /** It passes a port of the host on to a container of Docker: one for each port and address. */
  | {
      readonly kind: 'docker-proxy'
      readonly protocol: string
      readonly host: string
      readonly port: number
      readonly containerHost: string
      readonly containerPort: number
    }
  /** It is the network of a container, or of several, that runs without root's rights. */
  | { readonly kind: 'rootless-network'; readonly program: RootlessProgram }
  /** It watches over a container of Podman or CRI-O. */
  | { readonly kind: 'conmon'; readonly containerId: string | undefined }
  /** With `userland-proxy=false` it holds the ports itself that containers publish. */
  | { readonly kind: 'dockerd' }

const ROOTLESS = ['rootlessport', 'rootlesskit', 'slirp4netns', 'pasta', 'pasta.avx2'] as const

export type RootlessProgram = 'rootlessport' | 'rootlesskit' | 'slirp4netns' | 'pasta'

/**
 * Recognises a process that stands in for containers by its command line; undefined: it is none.
 *
 * Source: cmd/docker-proxy of moby, rootlessport of Podman, slirp4netns(1), pasta(1), conmon(8).
 */
export function standInOf(commandLine: readonly string[]): StandIn | undefined {
  const [file = '', ...words] = commandLine
  const program = basename(file.split(' ')[0] ?? '')
  if (program === 'docker-proxy') return readDockerProxy(words)
  if (program === 'dockerd') return { kind: 'dockerd' }
  if (program === 'conmon')
    return { kind: 'conmon', containerId: flagValue(words, ['-c', '--cid']) }
  // Its command line begins with `rootlessport` or, while it is the parent, with the path of Podman.
  const rootless = ROOTLESS.find(one => one === program.replace(/-child$/, ''))
  if (rootless === undefined) return undefined
  const name = rootless === 'pasta.avx2' ? 'pasta' : rootless
  return { kind: 'rootless-network', program: name }
}

function readDockerProxy(words: readonly string[]): StandIn | undefined {
  const port = Number(flagValue(words, ['-host-port']))
  const containerPort = Number(flagValue(words, ['-container-port']))
  const containerHost = flagValue(words, ['-container-ip'])
  if (!(port > 0) || !(containerPort > 0) || containerHost === undefined) return undefined
  const protocol = flagValue(words, ['-proto']) ?? 'tcp'
  const host = flagValue(words, ['-host-ip']) ?? '0.0.0.0'
  return { kind: 'docker-proxy', protocol, host, port, containerHost, containerPort }
}

/** The value of a flag: `-c x`, `-c=x`, with one dash or two. */
function flagValue(words: readonly string[], names: readonly string[]): string | undefined {
  for (const [i, word] of words.entries()) {
    const [flag = '', value] = word.split(/=(.*)/s)
    if (names.some(name => flag === name || flag === `-${name}`)) return value ?? words[i + 1]
  }
  return undefined
}
