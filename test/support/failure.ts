import { SockctlError } from '../../src/errors.ts'

/** The failure with which something ends that has to fail. */
export function failureOf(act: () => unknown): SockctlError {
  try {
    act()
  } catch (error) {
    if (error instanceof SockctlError) return error
    throw error
  }
  throw new Error('it did not fail')
}
