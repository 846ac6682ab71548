set -e
starts_on=$(date -d '+5 days' +%F)   # en macOS: date -v+5d +%F
ends_on=$(date -d '+7 days' +%F)

# Un token, que sirve una hora.
token=$(curl -sS --fail-with-body -u "$LP_ID:$LP_SECRET" \
  -d grant_type=client_credentials "$LP_URL/oauth2/token" |
  sed 's/.*"access_token": *"\([^"]*\)".*/\1/')

api() {
  curl -sS --fail-with-body -H "Authorization: Bearer $token" \
    -H 'Content-Type: application/json' "$@"
}

# ¿El texto se puede enviar?
api "$LP_URL/api/v1/ad-texts/check" \
  -d '{"adText": "Hoy 2 por 1 en cafe de grano, hasta las 8 pm"}'
echo

# Una campaña. La misma Idempotency-Key, las veces que haga falta: se crea una.
campaign=$(api "$LP_URL/api/v1/campaigns" -H "Idempotency-Key: cafe-$starts_on" -d @- <<END
{
  "name": "Café de diciembre",
  "adText": "Hoy 2 por 1 en cafe de grano, hasta las 8 pm",
  "area": {"ladas": ["33", "55"]},
  "startsOn": "$starts_on",
  "endsOn": "$ends_on",
  "volume": 60000
}
END
)
id=$(echo "$campaign" | sed 's/.*"id": *"\([^"]*\)".*/\1/')

# A revisión, y qué pasó con ella. Si se niega, corrígela y repite con la misma clave: solo se
# guarda lo que se hizo. Cada envío tiene su clave: si la retiras y la envías otra vez, usa otra.
api -X POST "$LP_URL/api/v1/campaigns/$id/submit" -H "Idempotency-Key: enviar-$id-1"
echo
sleep 3
api "$LP_URL/api/v1/campaigns/$id"
