import { COLUMN_GROUPS } from '../../inspect/views/columns/index.ts'
import type { Column } from '../../inspect/views/columns/types.ts'
import type { Row } from '../documents/types.ts'
import type { Topic } from './types.ts'

/** `sockctl help columns` */
export const columns: Topic = {
  summary: 'What inspect --columns and --sort know of a socket',
  sections: [
    {
      title: 'How to use them',
      body: [
        `A column is named by its key or by its heading; case does not matter. Keys are those of the JSON and the CSV too.`,
        `  sockctl inspect -ta --columns local,peer,rtt,cwnd
  sockctl inspect -tai --columns +lost,-cookie
  sockctl inspect -tap --sort -sent --top 10`,
        `Text with a - in place of a value says that there is none or that it is not known. Sockets without a value come last in any order.`,
      ],
    },
    ...COLUMN_GROUPS.map(group => ({ title: group.title, body: [group.columns.map(columnRow)] })),
  ],
}

function columnRow({ key, heading, text }: Column): Row {
  return [key, `${heading}: ${text}`]
}
