import type { SocketMemory } from '../../socket-details.ts'
import type { Detail, SocketRecord } from '../../types.ts'
import { bytesCell, NONE, UNKNOWN } from './cells.ts'
import type { Column } from './types.ts'

const MEMORY = { details: ['memory'] as readonly Detail[] }

/** What waits in a socket, what that takes, and what found no room. */
export const QUEUE_COLUMNS = {
  receiveQueue: {
    key: 'receiveQueue',
    heading: 'RECV-Q',
    type: 'number',
    text: 'Bytes not read by the process; listeners: connections to be accepted',
    align: 'right',
    value: record => record.receiveQueue,
    cell: record => numberCell(record.receiveQueue),
  },
  sendQueue: {
    key: 'sendQueue',
    heading: 'SEND-Q',
    type: 'number',
    text: 'Bytes not acknowledged by the peer; listeners: how many may wait',
    align: 'right',
    value: record => record.sendQueue,
    cell: record => numberCell(record.sendQueue),
  },
  receiveQueueBytes: {
    key: 'receiveQueueBytes',
    heading: 'UNREAD',
    type: 'number',
    text: 'Bytes that its process has not read',
    standsIn: 'json and csv',
    align: 'right',
    value: record => (record.state === 'listen' ? undefined : record.receiveQueue),
  },
  sendQueueBytes: {
    key: 'sendQueueBytes',
    heading: 'UNSENT',
    type: 'number',
    text: 'Bytes that the other end has not acknowledged',
    standsIn: 'json and csv',
    align: 'right',
    value: record => (record.state === 'listen' ? undefined : record.sendQueue),
  },
  acceptQueue: {
    key: 'acceptQueue',
    heading: 'ACCEPT-Q',
    type: 'number',
    text: 'Listeners: connections that wait to be accepted',
    standsIn: 'json and csv',
    align: 'right',
    value: record => (record.state === 'listen' ? record.receiveQueue : undefined),
    cell: acceptQueueCell,
  },
  acceptQueueLimit: {
    key: 'acceptQueueLimit',
    heading: 'BACKLOG',
    type: 'number',
    text: 'Listeners: how many may wait',
    standsIn: 'json and csv',
    align: 'right',
    value: record => (record.state === 'listen' ? record.sendQueue : undefined),
  },
  drops: {
    key: 'drops',
    heading: 'DROPS',
    type: 'number',
    text: 'Datagrams or connection attempts that found no room (-l, -m)',
    standsIn: 'json and csv',
    needs: MEMORY,
    align: 'right',
    value: record => record.drops,
    paint: (text, record, paint) => (record.drops ? paint.bad(text) : text),
  },
  receiveMemoryBytes: {
    key: 'receiveMemoryBytes',
    heading: 'RECV-MEM',
    type: 'number',
    text: 'Memory that received data takes; in a table of its limit (SO_RCVBUF)',
    standsIn: 'json and csv',
    needs: MEMORY,
    align: 'right',
    value: record => record.memory?.receiveBytes,
    cell: ({ memory }) => memoryCell(memory?.receiveBytes, memory?.receiveLimitBytes),
  },
  receiveMemoryLimitBytes: memoryColumn(
    ['receiveMemoryLimitBytes', 'RECV-LIMIT', 'receiveLimitBytes'],
    'How much received data may take (SO_RCVBUF)',
  ),
  sendMemoryBytes: {
    key: 'sendMemoryBytes',
    heading: 'SEND-MEM',
    type: 'number',
    text: 'Memory of data to be sent or acknowledged; in a table of its limit (SO_SNDBUF)',
    standsIn: 'json and csv',
    needs: MEMORY,
    align: 'right',
    value: record => record.memory?.sendQueueBytes,
    cell: ({ memory }) => memoryCell(memory?.sendQueueBytes, memory?.sendLimitBytes),
  },
  sendMemoryLimitBytes: memoryColumn(
    ['sendMemoryLimitBytes', 'SEND-LIMIT', 'sendLimitBytes'],
    'How much data to be sent may take (SO_SNDBUF)',
  ),
  transmitMemoryBytes: memoryColumn(
    ['transmitMemoryBytes', 'XMIT-MEM', 'transmitBytes'],
    'Given to the device and not sent yet',
  ),
  forwardMemoryBytes: memoryColumn(
    ['forwardMemoryBytes', 'FWD-MEM', 'forwardAllocBytes'],
    'Set apart for this socket and not in use',
  ),
  optionMemoryBytes: memoryColumn(
    ['optionMemoryBytes', 'OPT-MEM', 'optionBytes'],
    'Taken by options of the socket',
  ),
  backlogBytes: memoryColumn(
    ['backlogBytes', 'LOCK-MEM', 'backlogBytes'],
    'Came in while a process held the lock of the socket',
  ),
} as const satisfies Readonly<Record<string, Column>>

function memoryColumn(
  [key, heading, field]: readonly [string, string, keyof SocketMemory],
  text: string,
): Column {
  return {
    key,
    heading,
    type: 'number',
    text,
    standsIn: 'json and csv',
    needs: MEMORY,
    align: 'right',
    value: record => record.memory?.[field],
    cell: record => bytesCell(record.memory?.[field]),
  }
}

function numberCell(value: number | undefined): string {
  return value === undefined ? UNKNOWN : String(value)
}

function memoryCell(used: number | undefined, limit: number | undefined): string {
  return used === undefined ? NONE : `${bytesCell(used)}/${bytesCell(limit)}`
}

/** Of how many: `3/511`. */
function acceptQueueCell({ state, receiveQueue, sendQueue }: SocketRecord): string {
  return state === 'listen' ? `${numberCell(receiveQueue)}/${numberCell(sendQueue)}` : NONE
}
