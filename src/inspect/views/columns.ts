import textWidth from 'fast-string-width'
import { isLoopback } from '../../address.ts'
import { terminalText } from '../../terminal-text.ts'
import { isInetEnd } from '../ends.ts'
import type { SocketRecord, SocketState } from '../types.ts'
import type { UserName } from '../users.ts'
import type { Column } from './table.ts'
import type { SocketList, ViewPaint } from './types.ts'
import {
  localText,
  ownershipText,
  protocolText,
  remoteText,
  STATE_LABELS,
  timerText,
} from './words.ts'

/** What `-o` and `-e` add to the columns. */
export interface Detail {
  readonly timers: boolean
  /** Who made a socket, and its numbers in the kernel. */
  readonly identity: boolean
}

/** The columns of the list, in the order of ss(8). The process comes last: it may be long. */
export function socketColumns(list: SocketList, detail: Detail): Column[] {
  return [
    PROTOCOL,
    STATE,
    RECEIVE_QUEUE,
    SEND_QUEUE,
    LOCAL,
    PEER,
    ...(detail.timers ? [TIMER] : []),
    ...(detail.identity ? [userColumn(list), INODE, COOKIE] : []),
    ...processColumn(list),
  ]
}

/** The columns of the overview of listeners. */
export function listenerColumns(list: SocketList): Column[] {
  return [PROTOCOL, LOCAL, OPEN_TO, ...processColumn(list)]
}

/** Whether others than this machine can reach a listener, as far as its address tells. */
export function isOpenToNetwork({ local }: SocketRecord): boolean {
  return isInetEnd(local) && !isLoopback(local.host)
}

/** A number that the source does not know. */
const UNKNOWN = '?'

const PROTOCOL: Column = { heading: 'PROTO', cell: protocolText }

const STATE: Column = {
  heading: 'STATE',
  cell: record => STATE_LABELS[record.state],
  paint: (text, record, paint) => paintState(text, record.state, paint),
}

const RECEIVE_QUEUE: Column = {
  heading: 'RECV-Q',
  align: 'right',
  cell: record => numberText(record.receiveQueue),
}

const SEND_QUEUE: Column = {
  heading: 'SEND-Q',
  align: 'right',
  cell: record => numberText(record.sendQueue),
}

const LOCAL: Column = {
  heading: 'LOCAL',
  cell: localText,
  widthOf: (text, { protocol }) => (protocol === 'unix' ? textWidth(text) : text.length),
}

const PEER: Column = { heading: 'PEER', cell: remoteText }

const OPEN_TO: Column = {
  heading: 'OPEN TO',
  cell: record => (isOpenToNetwork(record) ? 'network' : 'localhost'),
  paint: (text, record, paint) => (isOpenToNetwork(record) ? paint.warn(text) : paint.dim(text)),
}

const TIMER: Column = {
  heading: 'TIMER',
  cell: ({ timer }) => (timer === undefined ? '-' : timerText(timer)),
}

const INODE: Column = {
  heading: 'INODE',
  align: 'right',
  cell: ({ inode }) => (inode === 0 ? '-' : String(inode)),
}

/** Hexadecimal, as ss(8) prints it. */
const COOKIE: Column = {
  heading: 'COOKIE',
  align: 'right',
  cell: ({ cookie }) => (cookie === undefined ? UNKNOWN : cookie.toString(16)),
}

function userColumn({ userName }: SocketList): Column {
  return {
    heading: 'USER',
    cell: ({ uid }) => (uid === undefined ? '-' : nameAndNumber(uid, userName)),
  }
}

function processColumn({ ownershipOf, userName }: SocketList): Column[] {
  if (ownershipOf === undefined) return []
  return [
    {
      heading: 'PROCESS',
      mayBeCut: true,
      cell: record => ownershipText(ownershipOf(record), record.state, userName),
      paint: (text, _, paint) => (text.startsWith('(') ? paint.dim(text) : text),
    },
  ]
}

function nameAndNumber(uid: number, userName: UserName): string {
  const name = userName(uid)
  return name === undefined ? `${uid}` : `${terminalText(name)}(${uid})`
}

function numberText(value: number | undefined): string {
  return value === undefined ? UNKNOWN : String(value)
}

function paintState(text: string, state: SocketState, paint: ViewPaint): string {
  switch (state) {
    case 'established':
      return paint.good(text)
    case 'listen':
      return paint.strong(text)
    case 'close-wait':
    case 'syn-sent':
      return paint.warn(text)
    default:
      return paint.dim(text)
  }
}
