import { PROBLEM_CODES, type ProblemCode, problemKind, problemType } from '../problems.js';

/** docs/reference/errors.md, from the table of problems. */
export function errorsPage(): string {
  const rows = PROBLEM_CODES.map((code) => {
    const { status, title } = problemKind(code);
    return `| [\`${code}\`](#${code}) | ${status} | ${title} |`;
  });
  return `# Errors

<!-- Rendered from apps/api/src/problems.ts by \`pnpm --filter @fumehood/api generate\`. -->

Every error response of the API is a problem (RFC 9457), \`application/problem+json\`:

\`\`\`json
{
  "type": "${problemType('invalid_request')}",
  "title": "Invalid request",
  "status": 400,
  "detail": "The body is not as it has to be: /limits/cpus: Invalid input: expected number, received string.",
  "code": "invalid_request",
  "requestId": "req_5f0c…",
  "errors": [{ "path": "/limits/cpus", "message": "Invalid input: expected number, received string" }]
}
\`\`\`

Programs look at \`code\`. \`errors\` has a JSON Pointer into the part of the request that \`detail\` names; \`denials\` has the policy's reasons, with
pointers into the body. \`requestId\` is also in the \`X-Request-Id\` header of every response, and in the API's log.

| code | status | title |
|---|---|---|
${rows.join('\n')}

${PROBLEM_CODES.map(section).join('\n\n')}
`;
}

function section(code: ProblemCode): string {
  const { status, title, meaning, fix, retryAfterSeconds } = problemKind(code);
  const retry =
    retryAfterSeconds === undefined ? '' : `\n\nThe response has \`Retry-After: ${retryAfterSeconds}\`.`;
  return `## ${code}

**${status} ${title}.** ${meaning}

${fix}${retry}`;
}
