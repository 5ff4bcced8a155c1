/** One line of the text format of Prometheus, read. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/**
 * Reads the text format of Prometheus, version 0.0.4, and throws at whatever promtool would: a
 * metric without HELP and TYPE in front, one in two places, a series twice, a bad name or escape.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(text: string): Sample[] {
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line has no end')
  const samples: Sample[] = []
  const seen = new Set<string>()
  const series = new Set<string>()
  let current: { name: string; type: string | undefined } | undefined
  for (const line of text.split('\n').slice(0, -1)) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/.exec(line)
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge)$/.exec(line)
    if (help !== null) {
      const name = help[1] ?? ''
      if (seen.has(name)) throw new Error(`${name} stands in two places`)
      seen.add(name)
      current = { name, type: undefined }
    } else if (type !== null) {
      if (current === undefined || current.name !== type[1] || current.type !== undefined) {
        throw new Error(`TYPE: ${line}`)
      }
      current.type = type[2]
      if (type[2] === 'counter' && !/_total$/.test(current.name)) throw new Error(`name: ${line}`)
    } else {
      const sample = parseSample(line)
      if (sample.name !== current?.name || current.type === undefined) throw new Error(line)
      const key = line.slice(0, line.lastIndexOf(' '))
      if (series.has(key)) throw new Error(`twice: ${key}`)
      series.add(key)
      samples.push(sample)
    }
  }
  return samples
}

function parseSample(line: string): Sample {
  const [, name = '', labels = '', value] =
    /^([a-zA-Z_:][\w:]*)\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"(?:,(?=[a-zA-Z_])|(?=\})))*)\} (\d+)$/.exec(
      line,
    ) ?? []
  if (value === undefined) throw new Error(`no sample: ${line}`)
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map(
    ([, label = '', text = '']) =>
      [label, text.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one))] as const,
  )
  if (new Set(pairs.map(([label]) => label)).size !== pairs.length)
    throw new Error(`twice: ${line}`)
  return { name, labels: Object.fromEntries(pairs), value: Number(value) }
}
