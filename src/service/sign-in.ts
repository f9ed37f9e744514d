/** The page that asks for the token. It holds nothing that anybody sent. */

export const signInPage = (wrong: boolean): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sonde: sign in</title>
<h1>Sonde</h1>
<form method="post" action="/login">
<p><label>Token (SONDE_TOKEN of the service) <input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>Sign in</button></p>
${wrong ? '<p role="alert">That is not the token.</p>' : ''}
</form>
</html>
`;

export const notBuiltPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Sonde</title>
<h1>Sonde</h1>
<p>The dashboard is not built: <code>npm run build</code>. The API is there: <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>
</html>
`;
