# The portal as one static binary, without a shell, as nobody, on a read-only
# file system. Build: docker build -t inzage .
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o /inzage ./cmd/inzage \
 && mkdir -p /empty/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /inzage /inzage
COPY --from=build --chown=65532:65532 /empty/data /data
USER 65532:65532
ENV INZAGE_LISTEN=0.0.0.0:8080 INZAGE_DATA=/data
EXPOSE 8080
VOLUME /data
ENTRYPOINT ["/inzage"]
CMD ["serve"]
