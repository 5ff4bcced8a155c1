/** An option as it is typed, by its key: `--max-conns` for `maxConns`. */
export function optionName(key: string): string {
  return `--${key.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}
