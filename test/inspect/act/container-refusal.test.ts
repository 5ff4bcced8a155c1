import { describe, expect, it } from 'vitest'
import { tellContainers } from '../../../src/inspect/act/container-refusal.ts'
import { type Refusal, refusalOf } from '../../../src/inspect/act/refusal.ts'
import { engines } from '../../../src/inspect/owners/container/engine.ts'
import { endEnginesAfterEach, type PublishedContainer, startEngine } from '../../support/engine.ts'
import { address, record } from '../../support/records.ts'

endEnginesAfterEach()

const WEB = { id: 'ab'.repeat(32), name: 'web-1', image: 'nginx:1.27', ports: [8080] }
const DB = { id: 'cd'.repeat(32), name: 'db-1', image: 'postgres:17', ports: [5432] }

const DOCKER_PROXY =
  'docker-proxy -proto tcp -host-ip 0.0.0.0 -host-port 8080 -container-ip 172.17.0.2 -container-port 80'
const CONMON = `conmon -c ${WEB.id}`

/** What is said of a process with this command line, holding these ports, where these run. */
async function told(
  command: string,
  containers: readonly PublishedContainer[],
  ports: readonly number[] = [8080],
): Promise<Refusal | undefined> {
  const words = command.split(' ')
  const doors = ports.map(port => record({ local: address(`0.0.0.0:${port}`) }))
  const candidate = { pid: 4711, name: words[0] ?? '', words, uid: 0, doors }
  const refusal = refusalOf(candidate, { uid: 0, chain: new Set(), sshPort: undefined })
  const sockets = [await startEngine(containers)]
  return tellContainers(refusal, candidate, engines({ sockets }))
}

describe.skipIf(process.platform === 'win32')('tellContainers', () => {
  it('names the container for which a port is held, and what stops it', async () => {
    expect(await told(DOCKER_PROXY, [DB, WEB])).toEqual({
      kind: 'stand-in',
      reason: 'it holds the port for the container "web-1" (nginx:1.27), which would lose it',
      instead: 'docker stop web-1',
      engine: 'docker',
    })
  })

  it('names the service of Compose, by which it is stopped', async () => {
    const compose = { project: 'shop', service: 'front end' }
    expect(await told(DOCKER_PROXY, [{ ...WEB, compose }])).toMatchObject({
      instead: "docker compose -p shop stop 'front end'",
    })
  })

  it('asks Podman where Podman watches over it', async () => {
    expect(await told(CONMON, [WEB])).toMatchObject({ instead: 'podman stop web-1' })
  })

  it('names each of several, and each once', async () => {
    const both = [{ ...WEB, ports: [8080, 8443] }, DB]
    expect(await told('dockerd', both, [8080, 5432, 8443])).toMatchObject({
      reason:
        'it holds the ports for the containers "web-1" (nginx:1.27) and "db-1" (postgres:17), which would lose them',
      instead: 'docker stop web-1 && docker stop db-1',
    })
  })

  it('keeps what is known without an engine, for one of whose ports no container is known', async () => {
    const unknown = {
      reason: 'it holds the port for a container, which would lose it',
      instead: 'docker stop $(docker ps -q --filter publish=8080)',
    }
    expect(await told(DOCKER_PROXY, [])).toMatchObject(unknown)
    expect(await told('dockerd', [DB], [8080, 5432])).toMatchObject(unknown)
  })

  it('puts nothing into a command that a shell would obey', async () => {
    const refusal = await told(DOCKER_PROXY, [{ ...WEB, name: 'a; rm -rf ~' }])
    expect(refusal?.instead).toBe("docker stop 'a; rm -rf ~'")
  })

  it('leaves alone what is refused for another reason, or not at all', async () => {
    expect(await told('systemd', [WEB])).toMatchObject({ kind: 'init' })
    expect(await told('node server.js', [WEB])).toBeUndefined()
    expect(await told('kubelet', [WEB])).toMatchObject({
      instead: 'kubectl get services --all-namespaces',
    })
  })
})
