import type { Row, Section } from '../documents/types.ts'
import { EXIT_CODES } from '../exit-code.ts'
import type { Topic } from './types.ts'

/** The table of the exit codes: number; what it means. */
export const EXIT_CODE_ROWS: readonly Row[] = [
  ...Object.values(EXIT_CODES).map(({ code, meaning }): Row => [String(code), meaning]),
  ['128+n', 'ended by signal n: 130 is Ctrl-C, 143 is SIGTERM'],
]

const table: Section = { title: 'Exit codes', body: [EXIT_CODE_ROWS] }

/** `sockctl help exit-codes` */
export const exitCodes: Topic = {
  summary: 'What a script can rely on',
  sections: [
    table,
    {
      title: 'In a script',
      body: [
        `0, 1 and 2 mean what they mean in grep: yes, no, and "that is not a question". The others say why there was no answer.`,
        `  sockctl connect localhost:8080 --send ping
  case $? in
    0) echo 'there was an answer' ;;
    4) echo 'nobody listens there' ;;
    5) echo 'somebody listens, and is silent' ;;
  esac`,
        'With -- command, the exit code of the command is passed on as it is.',
      ],
    },
  ],
}
