import { groupByHolder, wasThere } from './groups.ts'
import type { Rule } from './types.ts'
import { counted, endText, holderText } from './words.ts'

/** Ports that are taken by a socket that does nothing. */
export const boundInactive: Rule = {
  id: 'bound.inactive',
  severity: 'note',
  title: 'A process has reserved a port and does not use it',
  explanation:
    'The process has called bind(), and neither listen() nor connect(). The port is taken all the same: others get "address in use", and no list of listeners shows why.',
  check: situation =>
    groupByHolder(
      situation.sockets
        .of('tcp', 'bound-inactive')
        .filter(one => situation.earlier === undefined || wasThere(situation, one)),
      situation,
    ).map(({ records, ownership, pids }) => {
      const shown = records.slice(0, 3).map(({ local }) => endText(local))
      const rest = records.length - shown.length
      const more = rest > 0 ? ` and ${counted(rest, 'more', 'more')}` : ''
      const [pid] = pids
      return {
        summary: `${holderText(ownership)} holds ${shown.join(', ')}${more} without listening or connecting`,
        evidence: [`${counted(records.length, 'socket')} bound, and nothing else`],
        advice: [
          {
            text: 'It is an error between bind() and listen(), or a program that keeps a port for later. Ending it frees the port.',
            ...(pid !== undefined && { command: `sockctl inspect --pid ${pid}` }),
          },
        ],
        sockets: records,
        pids,
      }
    }),
}
