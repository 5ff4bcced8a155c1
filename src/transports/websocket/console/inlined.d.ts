// What the build puts into the code as text.
declare module '*.html' {
  const text: string
  export default text
}
declare module '*.css' {
  const text: string
  export default text
}
declare module '*.browser.js' {
  const text: string
  export default text
}
