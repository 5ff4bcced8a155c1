import { env } from 'node:process'

// How often a property is tried: with SOCKCTL_FUZZ=100000 every one of them so often.
if (env.SOCKCTL_FUZZ !== undefined) {
  const { default: fc } = await import('fast-check')
  fc.configureGlobal({ numRuns: Number(env.SOCKCTL_FUZZ) })
}
