import { type CheckResult, isFailure } from '../checks/types.ts'
import type { Snapshot } from '../types.ts'

/**
 * Writes results as JUnit XML, the report of tests that most continuous integration reads, in pieces.
 * A check is a test case: what says no is a failure; what could not be told is an error, or skipped.
 *
 * There is no standard; this is what https://github.com/testmoapp/junitxml describes.
 */
export function* junitView(
  results: readonly CheckResult[],
  { takenAt, host }: Pick<Snapshot, 'takenAt' | 'host'>,
  { unseen: element = 'error' }: { readonly unseen?: 'error' | 'skipped' } = {},
): Generator<string> {
  const failures = results.filter(isFailure).length
  const untold = results.filter(({ unseen }) => unseen !== undefined).length
  const [errors, skipped] = element === 'error' ? [untold, 0] : [0, untold]
  const counts = `tests="${results.length}" failures="${failures}" errors="${errors}"`
  const timestamp = takenAt.toISOString().replace(/\.\d+Z$/, '')
  yield '<?xml version="1.0" encoding="UTF-8"?>\n'
  yield `<testsuites name="sockctl inspect" ${counts}>\n`
  yield `  <testsuite name="sockctl inspect" ${counts} skipped="${skipped}" time="0"`
  yield ` timestamp="${timestamp}" hostname="${escapeXml(host)}">\n`
  for (const result of results) yield testCase(result, element)
  yield '  </testsuite>\n</testsuites>\n'
}

function testCase(
  { name, subject, ok, unseen, message, details }: CheckResult,
  untold: 'error' | 'skipped',
): string {
  const head = `    <testcase classname="sockctl.${escapeXml(name)}" name="${escapeXml(subject)}" time="0"`
  const text = [message, ...details].map(line => `${escapeXml(line)}\n`).join('')
  if (ok) return `${head}>\n      <system-out>${text}</system-out>\n    </testcase>\n`
  const element = unseen === undefined ? 'failure' : untold
  const attributes = `message="${escapeXml(message)}" type="${escapeXml(name)}"`
  return `${head}>\n      <${element} ${attributes}>${text}</${element}>\n    </testcase>\n`
}

/** What XML 1.0 cannot hold even as a reference (section 2.2), and is written as ours. */
const NOT_XML =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is what this is for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu

function escapeXml(text: string): string {
  return text
    .replace(NOT_XML, one => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\t\r\n]/g, one => `&#${one.codePointAt(0)};`)
}
