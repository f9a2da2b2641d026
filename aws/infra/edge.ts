import { Aws, CfnOutput, Duration, Fn, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigateway";
import * as http from "aws-cdk-lib/aws-apigatewayv2";
import * as httpIntegrations from "aws-cdk-lib/aws-apigatewayv2-integrations";
import * as cloudfront from "aws-cdk-lib/aws-cloudfront";
import * as origins from "aws-cdk-lib/aws-cloudfront-origins";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as s3 from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { EDGE_FUNCTION, PAGE_FUNCTION } from "./edge-code.ts";
import type { Functions } from "./functions.ts";
import { responseHeaders } from "./headers.ts";
import type { Options } from "./options.ts";
import type { Parameters } from "./parameters.ts";
import { cfn, type Storage } from "./storage.ts";

/**
 * The edge: one CloudFront distribution. The app's files come from S3; what the app and programs ask for goes to the API,
 * uncached, with everything the person sent but the Host.
 *
 * It is built in two steps, because the functions must know the sign-in's client, that must know CloudFront's name, and that
 * must know where the API is: an API is named before it has any route.
 *
 * The API's own address stays reachable and need not be told apart from CloudFront's calls: there is no secret between the
 * two. What keeps a home is what every request must show: a key, a token, or a cookie with its CSRF value from the page
 * whose Origin is the home's public address.
 */
export interface Edge {
  readonly distribution: cloudfront.Distribution;
  /** `https://…`, without a slash at the end. */
  readonly publicUrl: string;
  /** Gives the API its routes. */
  connect(functions: Functions): void;
  /** Metrics of what comes in, where the edge has any of its own. */
  readonly restApi?: apigateway.RestApi;
}

/** Paths that the API answers; every other is a file of the app or one of its pages. */
export const API_PATHS = [
  "/api/*",
  "/auth/*",
  "/chat",
  "/memory",
  "/search",
  "/documents",
  "/documents/*",
  "/openapi.json",
  "/docs",
  "/docs.css",
  "/healthz",
  "/readyz",
] as const;

/** Of one access log line: what was asked for by its route, never by its address, query, headers, body or caller. */
export const ACCESS_LOG_FORMAT = {
  id: "$context.requestId",
  at: "$context.requestTimeEpoch",
  method: "$context.httpMethod",
  route: "$context.resourcePath",
  status: "$context.status",
  bytes: "$context.responseLength",
  ms: "$context.responseLatency",
  functionMs: "$context.integrationLatency",
  tls: "$context.tlsVersion",
} as const;

interface EdgeProps {
  readonly parameters: Parameters;
  readonly options: Options;
  readonly storage: Storage;
}

/** What stands behind CloudFront for one path. */
interface Door {
  originOf(path: (typeof API_PATHS)[number]): cloudfront.IOrigin;
  connect(functions: Functions): void;
  readonly restApi?: apigateway.RestApi;
}

export function makeEdge(scope: Construct, props: EdgeProps): Edge {
  if (props.options.edge === "function-url") throw new Error("A function URL's edge is made after its functions.");
  return makeDistribution(scope, props, props.options.edge === "rest" ? rest(scope, props) : httpApi(scope, props));
}

/** The functions come first here: their addresses exist only when they do. */
export function makeUrlEdge(scope: Construct, props: EdgeProps, functions: Functions): Edge {
  return makeDistribution(scope, props, functionUrls(functions));
}

function makeDistribution(scope: Construct, { parameters, storage }: EdgeProps, door: Door): Edge {
  const { env, domain, hasDomain, certificate } = parameters;
  const edgeFunction = (id: string, code: string) => ({
    function: new cloudfront.Function(scope, id, {
      functionName: `steward-${env}-${id.toLowerCase()}`,
      code: cloudfront.FunctionCode.fromInline(code),
      runtime: cloudfront.FunctionRuntime.JS_2_0,
    }),
    eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
  });
  const atApi = edgeFunction("ToApi", EDGE_FUNCTION);
  const headers = responseHeaders(scope, env, storage.uploadsOrigin);
  const behavior = {
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    compress: true,
  };
  const api = (path: (typeof API_PATHS)[number]): cloudfront.BehaviorOptions => ({
    ...behavior,
    origin: door.originOf(path),
    allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
    cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
    originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    responseHeadersPolicy: headers.api,
    functionAssociations: [atApi],
    // CloudFront would hold a stream back to compress it.
    compress: false,
  });
  const distribution = new cloudfront.Distribution(scope, "Edge", {
    comment: `Steward ${env}`,
    defaultRootObject: "index.html",
    defaultBehavior: {
      ...behavior,
      // CDK's own bucket is a bucket; its declarations differ from themselves under exactOptionalPropertyTypes.
      origin: origins.S3BucketOrigin.withOriginAccessControl(storage.web as s3.IBucket),
      cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: headers.web,
      functionAssociations: [edgeFunction("ToPage", PAGE_FUNCTION)],
    },
    additionalBehaviors: Object.fromEntries(API_PATHS.map((path) => [path, api(path)])),
    httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
    priceClass: cloudfront.PriceClass.PRICE_CLASS_ALL,
    minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
    enableIpv6: true,
  });
  const resource = cfn<cloudfront.CfnDistribution>(distribution);
  resource.addMetadata("cfn-lint", {
    // CertificateArn may be empty, and then stands in the branch that is not taken.
    config: { ignore_checks: ["W1030"] },
  });
  const nothing = Fn.ref("AWS::NoValue");
  resource.addPropertyOverride("DistributionConfig.Aliases", Fn.conditionIf(hasDomain.logicalId, [domain], nothing));
  resource.addPropertyOverride(
    "DistributionConfig.ViewerCertificate",
    Fn.conditionIf(
      hasDomain.logicalId,
      {
        AcmCertificateArn: certificate,
        MinimumProtocolVersion: "TLSv1.2_2021",
        SslSupportMethod: "sni-only",
      },
      // The policy of cloudfront.net names is AWS's own and cannot be set (docs/security.md).
      { CloudFrontDefaultCertificate: true },
    ),
  );
  const name = Fn.conditionIf(hasDomain.logicalId, domain, distribution.distributionDomainName).toString();
  new CfnOutput(scope, "CloudFrontName", {
    value: distribution.distributionDomainName,
    description: "What a CNAME of your own domain must point at.",
  });
  new CfnOutput(scope, "DistributionId", { value: distribution.distributionId });
  return {
    distribution,
    publicUrl: `https://${name}`,
    connect: (functions) => door.connect(functions),
    ...(door.restApi === undefined ? {} : { restApi: door.restApi }),
  };
}

/** TLS to what stands behind CloudFront, and how long it may be silent between two pieces of a stream. */
const ORIGIN: origins.HttpOriginProps = {
  protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
  originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
  readTimeout: Duration.seconds(60),
  keepaliveTimeout: Duration.seconds(5),
};

function accessLog(scope: Construct, env: string, { key }: Storage): logs.LogGroup {
  return new logs.LogGroup(scope, "AccessLog", {
    logGroupName: `/steward/${env}/access`,
    // Half the price; read with Logs Insights.
    logGroupClass: logs.LogGroupClass.INFREQUENT_ACCESS,
    retention: logs.RetentionDays.ONE_MONTH,
    encryptionKey: key,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

const STAGE = "live";

/** API Gateway REST with response streaming: the default. */
function rest(scope: Construct, { parameters, storage }: EdgeProps): Door {
  const { region } = Stack.of(scope);
  const { env, apiTimeoutText, throttleRate, throttleBurst } = parameters;
  // CloudFormation cannot multiply: three zeros are written behind the seconds.
  const milliseconds = Fn.join("", [apiTimeoutText, "000"]);
  const log = accessLog(scope, env, storage);
  const api = new apigateway.RestApi(scope, "RestApi", {
    restApiName: `steward-${env}`,
    endpointTypes: [apigateway.EndpointType.REGIONAL],
    // Every body comes as its bytes.
    binaryMediaTypes: ["*/*"],
    cloudWatchRole: true,
    // A setting of the account and region, which other stacks may lean on.
    cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
    deployOptions: {
      stageName: STAGE,
      accessLogDestination: new apigateway.LogGroupLogDestination(log),
      accessLogFormat: apigateway.AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FORMAT)),
      // The execution log would hold headers and bodies.
      loggingLevel: apigateway.MethodLoggingLevel.OFF,
      dataTraceEnabled: false,
      metricsEnabled: false,
    },
  });
  const resource = cfn<apigateway.CfnRestApi>(api);
  resource.securityPolicy = "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09";
  resource.endpointAccessMode = "STRICT";
  const stage = cfn<apigateway.CfnStage>(api.deploymentStage);
  stage.methodSettings = [
    {
      httpMethod: "*",
      resourcePath: "/*",
      throttlingRateLimit: throttleRate,
      throttlingBurstLimit: throttleBurst,
      loggingLevel: "OFF",
      dataTraceEnabled: false,
      metricsEnabled: false,
    },
  ];
  // Named by its parts: the stage's own address would make CloudFront wait for the routes, and they for CloudFront.
  const origin = new origins.HttpOrigin(`${api.restApiId}.execute-api.${region}.${Aws.URL_SUFFIX}`, {
    ...ORIGIN,
    originPath: `/${STAGE}`,
  });
  return {
    restApi: api,
    originOf: () => origin,
    connect({ byPath }) {
      for (const [path, target] of byPath) {
        const integration = new apigateway.LambdaIntegration(target, {
          proxy: true,
          allowTestInvoke: false,
          responseTransferMode: apigateway.ResponseTransferMode.STREAM,
        });
        const method = api.root
          .resourceForPath(path === "/" ? "/{proxy+}" : path)
          .addMethod("ANY", integration, { authorizationType: apigateway.AuthorizationType.NONE });
        // The limit of an answer is that of its function.
        cfn<apigateway.CfnMethod>(method).addPropertyOverride("Integration.TimeoutInMillis", milliseconds);
      }
    },
  };
}

/** The seed's HTTP API: cheaper and whole answers only, within 30 seconds. */
function httpApi(scope: Construct, { parameters, storage }: EdgeProps): Door {
  const { region } = Stack.of(scope);
  const { env, throttleRate, throttleBurst } = parameters;
  const api = new http.HttpApi(scope, "HttpApi", { apiName: `steward-${env}`, createDefaultStage: false });
  const log = accessLog(scope, env, storage);
  const { ms, functionMs, tls, route, ...format } = ACCESS_LOG_FORMAT;
  new http.CfnStage(scope, "HttpStage", {
    apiId: api.apiId,
    stageName: "$default",
    autoDeploy: true,
    accessLogSettings: {
      destinationArn: log.logGroupArn,
      format: JSON.stringify({ ...format, route: "$context.routeKey", ms: "$context.responseLatency" }),
    },
    defaultRouteSettings: { throttlingRateLimit: throttleRate, throttlingBurstLimit: throttleBurst },
  });
  const origin = new origins.HttpOrigin(`${api.apiId}.execute-api.${region}.${Aws.URL_SUFFIX}`, ORIGIN);
  return {
    originOf: () => origin,
    connect({ byPath }) {
      for (const [path, target] of byPath) {
        const integration = new httpIntegrations.HttpLambdaIntegration(`To${target.node.id}`, target);
        const methods = [http.HttpMethod.ANY];
        api.addRoutes({ path: path === "/" ? "/{proxy+}" : path, methods, integration });
      }
    },
  };
}

/** Function URLs: nothing between, nothing to pay, and no throttling of their own. */
function functionUrls({ byPath }: Functions): Door {
  const originByPath = new Map(
    [...byPath].map(([path, target]) => {
      const url = target.addFunctionUrl({
        // An access control of CloudFront's would sign away `Authorization` and refuse bodies without a digest.
        authType: lambda.FunctionUrlAuthType.NONE,
        invokeMode: lambda.InvokeMode.RESPONSE_STREAM,
      });
      return [path, new origins.HttpOrigin(Fn.select(2, Fn.split("/", url.url)), ORIGIN)] as const;
    }),
  );
  const fallback = originByPath.get("/");
  if (fallback === undefined) throw new Error("There is no function for the rest of the paths.");
  return { originOf: (path) => originByPath.get(path) ?? fallback, connect() {} };
}
