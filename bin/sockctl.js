#!/usr/bin/env node
'use strict'

if (process.argv.length === 3 && process.argv[2] === '--version') {
} else {
  require('node:module').enableCompileCache?.()
  loadMain()
    .main(process.argv.slice(2))
    .then(code => {
      process.exitCode = code
      // A shell stops its loop on Ctrl-C only when the command itself died of it (signal(7)).
      if (code === 130) process.kill(process.pid, 'SIGINT')
    })
}

function loadMain() {
  try {
    return require('../dist/main.js')
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error
    process.exit(70)
  }
}
