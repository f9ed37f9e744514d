/** A name as no log should have it: markup, quotes, an entity, ends of sections, an escape sequence, a null character, a
 *  reversed direction of writing and half a character. */
export const hostileText: string =
  '<script>"\'&lt; ]]> -->\u001b[31m\u0000\r\n\u202e\ud800</script>';
