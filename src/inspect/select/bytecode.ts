import { endianness } from 'node:os'

/*
 * A program of linux/inet_diag.h is a row of operations: code u8, yes u8, no u16, and what it
 * compares with. The kernel goes on `yes` bytes further when it holds, `no` bytes when it does not.
 * A socket is accepted where a program ends exactly; one word (4 bytes) behind its end rejects. In
 * each piece here, what holds leads to its end and what does not to the word behind it.
 */

const LITTLE_ENDIAN = endianness() === 'LE'

/** The bytes of a program; undefined: there is none, so that every socket passes. */
export type Program = readonly number[] | undefined

/**
 * The kernel checks each jump of a program by walking through it, and runs it for each socket:
 * beyond this it takes longer than what it saves. A jump could be eight times as far.
 */
const LONGEST_BYTES = 8 * 1024

/** INET_DIAG_BC_JMP. */
const JUMP = 1

/** An operation with what it compares with. */
export function operation(
  code: number,
  yes: number,
  no: number,
  argument: readonly number[] = [],
): readonly number[] {
  return [code, yes, ...inOrder([no & 0xff, no >> 8]), ...argument]
}

/** Passes no socket. */
export const NOTHING: readonly number[] = operation(JUMP, 4, 8)

/** Passes what passes both; undefined when it would be too long. */
export function and(first: readonly number[], second: readonly number[]): Program {
  return limited([...relocated(first, second.length), ...second])
}

/** Passes what passes one of them. What does not pass the first jumps over the jump behind it. */
export function or(first: readonly number[], second: readonly number[]): Program {
  return limited([...first, ...operation(JUMP, 4, second.length + 4), ...second])
}

/** Passes what does not pass. */
export function not(program: readonly number[]): Program {
  return limited([...program, ...operation(JUMP, 4, 8)])
}

function limited(program: readonly number[]): Program {
  return program.length > LONGEST_BYTES ? undefined : program
}

/** Moves the rejection of a piece behind what is put after it. */
function relocated(program: readonly number[], bytes: number): number[] {
  const moved = [...program]
  for (let at = 0; at < moved.length; at += moved[at + 1] ?? moved.length) {
    const no = uint16(moved, at + 2)
    if (at + no === program.length + 4) {
      const further = no + bytes
      moved.splice(at + 2, 2, ...inOrder([further & 0xff, further >> 8]))
    }
  }
  return moved
}

/** The four bytes of a number. */
export function uint32(value: number): readonly number[] {
  return inOrder([value, value >>> 8, value >>> 16, value >>> 24].map(byte => byte & 0xff))
}

/** The eight bytes of a number. */
export function uint64(value: number): readonly number[] {
  const low = uint32(value % 2 ** 32)
  const high = uint32(Math.floor(value / 2 ** 32))
  return LITTLE_ENDIAN ? [...low, ...high] : [...high, ...low]
}

function uint16(bytes: readonly number[], at: number): number {
  const [low = 0, high = 0] = inOrder(bytes.slice(at, at + 2))
  return low + high * 256
}

/** Puts bytes, lowest first, into the order of this machine. */
function inOrder(bytes: readonly number[]): readonly number[] {
  return LITTLE_ENDIAN ? bytes : [...bytes].reverse()
}
