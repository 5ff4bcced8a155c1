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

/** The same of what fails later. */
export async function failureFrom(work: Promise<unknown>): Promise<SockctlError> {
  try {
    await work
  } catch (error) {
    if (error instanceof SockctlError) return error
    throw error
  }
  throw new Error('it did not fail')
}
