import { loadLibc } from '../../native/libc.ts'
import { OWN_PROC } from '../sources/types.ts'
import { type DescriptorTables, plainTables, tablesThrough } from './descriptor-tables.ts'

/**
 * Finds the best way to look into the descriptors of processes. The C library is asked about
 * processes by number: those of another /proc have other numbers here.
 */
export async function loadTables(procRoot: string): Promise<DescriptorTables> {
  if (procRoot !== OWN_PROC) return plainTables
  const load = await loadLibc()
  return 'libc' in load ? tablesThrough(load.libc) : plainTables
}
