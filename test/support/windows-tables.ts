/** A row of a table of GetExtendedTcpTable or GetExtendedUdpTable, field by field. */
export interface TableField {
  readonly at: number
  /** An unsigned number of 32 bits, little-endian. */
  readonly number?: number
  /** As they stand, as addresses and ports do. */
  readonly bytes?: readonly number[]
}

/** Puts rows of so many bytes behind their number. */
export function windowsTable(size: number, rows: readonly (readonly TableField[])[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(4 + size * rows.length))
  bytes.setUint32(0, rows.length, true)
  rows.forEach((fields, i) => {
    for (const field of fields) {
      const at = 4 + i * size + field.at
      if (field.number !== undefined) bytes.setUint32(at, field.number, true)
      field.bytes?.forEach((byte, j) => {
        bytes.setUint8(at + j, byte)
      })
    }
  })
  return new Uint8Array(bytes.buffer)
}

/** A port as it stands there, with two bytes behind it that mean nothing. */
export function portBytes(port: number): readonly number[] {
  return [port >> 8, port & 0xff, 0xde, 0xad]
}
