// Prints the facts of a process as JSON, for tests that look as another user. Usage: node
// print-facts.mjs <pid>
import { readProcessFacts } from '../../src/inspect/owners/process/facts.ts'

const { denied, ...facts } = readProcessFacts(Number(process.argv[2]))
process.stdout.write(JSON.stringify({ ...facts, denied: [...denied] }))
