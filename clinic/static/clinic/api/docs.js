"use strict";
(() => {
  const root = document.getElementById("swagger-ui");
  const csrfToken = () => {
    const found = document.cookie.split("; ").find((one) => one.startsWith(`${root.dataset.csrfCookie}=`));
    return found ? decodeURIComponent(found.split("=")[1]) : "";
  };
  SwaggerUIBundle({
    url: root.dataset.schema,
    dom_id: "#swagger-ui",
    deepLinking: true,
    displayOperationId: true,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    requestInterceptor: (request) => {
      if (request.method && request.method !== "GET") request.headers["X-CSRFToken"] = csrfToken();
      return request;
    },
  });
})();
