import { type Dialogue, refusal } from './dialogue.ts'

/**
 * Reads a reply of SMTP or FTP: lines with a number of three digits, of which all but the last have
 * `-` after it (RFC 5321 §4.2.1, RFC 959 §4.2).
 *
 * @param digit what it has to begin with: `2` for yes
 * @throws Refused when it begins otherwise
 */
export async function expectReply(
  dialogue: Dialogue,
  digit: string,
  what: string,
): Promise<readonly string[]> {
  const lines: string[] = []
  for (;;) {
    const line = await dialogue.line()
    lines.push(line)
    if (/^\d{3}(?: |$)/.test(line)) break
    // In FTP anything may stand between the first line and the last.
    if (lines.length === 1 && !/^\d{3}-/.test(line)) throw refusal(what, line)
  }
  const last = lines.at(-1) ?? ''
  if (!last.startsWith(digit)) throw refusal(what, last)
  return lines
}
