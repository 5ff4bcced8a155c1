import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findProject } from '../../../../src/inspect/owners/process/project.ts'

describe('findProject', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'sockctl-root-'))
    mkdirSync(join(root, 'srv/shop/src/deep'), { recursive: true })
  })

  afterEach(() => {
    rmSync(root, { recursive: true })
  })

  function put(path: string, text = ''): void {
    writeFileSync(join(root, path), text)
  }

  it.each([
    ['package.json', '{ "name": "@acme/shop", "version": "1" }', '@acme/shop'],
    ['package.json', '{}', 'shop'],
    ['pyproject.toml', '[project]\nname = "shop-api"\n', 'shop-api'],
    ['Cargo.toml', '[package]\nname = "shopd"\n', 'shopd'],
    ['go.mod', 'module example.com/shop\n\ngo 1.24\n', 'example.com/shop'],
    ['pom.xml', '<project><artifactId>shop-war</artifactId></project>', 'shop-war'],
    ['mix.exs', 'def project, do: [app: :shop]', 'shop'],
    ['Gemfile', 'source "x"', 'shop'],
    ['package.json', `{${' '.repeat(300_000)}"name":"big"}`, 'shop'],
  ])('finds %s above a folder, and the name in it', (file, text, name) => {
    put(`srv/shop/${file}`, text)
    expect(findProject('/srv/shop/src/deep', root)).toEqual({ folder: '/srv/shop', name })
  })

  it('takes the nearest', () => {
    put('srv/shop/package.json', '{"name":"all"}')
    put('srv/shop/src/go.mod', 'module part\n')
    expect(findProject('/srv/shop/src/deep', root)?.name).toBe('part')
  })

  it('takes a folder of git, by its own name', () => {
    mkdirSync(join(root, 'srv/shop/.git'))
    expect(findProject('/srv/shop/src', root)).toEqual({ folder: '/srv/shop', name: 'shop' })
  })

  it('takes neither the top nor a home for a project, nor what it cannot read', () => {
    mkdirSync(join(root, 'home/joe/src'), { recursive: true })
    for (const path of ['package.json', 'home/joe/package.json']) put(path, '{"name":"x"}')
    expect(findProject('/home/joe/src', root)).toBeUndefined()
    expect(findProject('/srv/shop', root)).toBeUndefined()
    expect(findProject('/no/such/folder', root)).toBeUndefined()
    expect(findProject('not/from/the/top', root)).toBeUndefined()
  })

  it.skipIf(process.platform === 'win32')('does not wait for who writes to a pipe', () => {
    execFileSync('mkfifo', [join(root, 'srv/shop/package.json')])
    expect(findProject('/srv/shop', root)?.name).toBe('shop')
  })
})
