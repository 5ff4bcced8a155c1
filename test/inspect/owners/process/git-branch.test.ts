import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findGitBranch } from '../../../../src/inspect/owners/process/git-branch.ts'

describe('findGitBranch', () => {
  let root: string
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'sockctl-git-')))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  it('reads the branch at or above the folder', () => {
    write('shop/.git/HEAD', 'ref: refs/heads/feature/x\n')
    mkdirSync(join(root, 'shop/src'))
    expect(findGitBranch('/shop/src', root)).toBe('feature/x')
    expect(findGitBranch('/shop', root)).toBe('feature/x')
  })

  it('follows the file of a worktree', () => {
    write('tree/.git', 'gitdir: ../shop/.git/worktrees/tree\n')
    write('shop/.git/worktrees/tree/HEAD', 'ref: refs/heads/fix\n')
    expect(findGitBranch('/tree', root)).toBe('fix')
  })

  it('tells the commit where there is no branch', () => {
    write('shop/.git/HEAD', 'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0\n')
    expect(findGitBranch('/shop', root)).toBe('a1b2c3d')
  })

  it.each([
    ['.git/HEAD', 'nonsense'],
    ['.git', 'nonsense'],
    ['README', ''],
  ])('makes nothing up from %s with %j', (path, text) => {
    write(path, text)
    expect(findGitBranch('/', root)).toBeUndefined()
  })
})
